"""Production data, alarms, retraining. The room is ready; nothing lives here yet."""
