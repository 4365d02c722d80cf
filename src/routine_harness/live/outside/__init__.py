"""What answers a program that reaches out of its sandbox: hosts, git, GitHub, connectors."""
