"""The program ``gh``: command lines read into operations, rows printed as it prints them."""
