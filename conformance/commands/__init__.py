"""What each command of the command line does, a module a command; imported only when it is called."""
