"""The real parts a stack stands on: one mongod and one Kafka broker."""
