/** The command line against a small server that speaks the API's wire. */
@NullMarked
package com.atoll.cli;

import org.jspecify.annotations.NullMarked;
