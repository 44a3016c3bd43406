"""What services say to each other: one file per producer, one class per event."""
