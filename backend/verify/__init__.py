"""What the project can establish about a recommendation by itself."""
