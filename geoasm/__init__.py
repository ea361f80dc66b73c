"""Classify artisanal mining registrations against mining rights, by the law of a day."""
