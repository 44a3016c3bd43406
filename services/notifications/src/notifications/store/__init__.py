"""What notifications remembers: deliveries and preferences; ids, states and times only."""
