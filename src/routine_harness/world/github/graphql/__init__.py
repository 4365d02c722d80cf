"""GitHub's GraphQL API: documents read into operations, records resolved as its schema says."""
