"""What could go wrong with a case: the plans of further runs, and what their outcome shows. Pure."""
