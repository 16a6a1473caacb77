"""The official ``openai`` client, answered from a recording. Needs the extra ``sdk``; import its modules late."""
