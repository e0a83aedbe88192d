"""What all tests of all apps share."""

pytest_plugins = ["tests.devdb_plugin"]
