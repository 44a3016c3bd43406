"""What families and schools write back, and the sign-ins of the web tier."""
