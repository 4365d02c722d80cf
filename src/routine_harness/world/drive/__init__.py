"""Google Drive as its MCP server shows it: JSON, files and folders by id."""
