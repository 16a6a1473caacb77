"""Where internals show: one module a kind of sign, put together by `conformance.wire.leaks`."""
