/** What sandboxes may reach on the internet. */
@NullMarked
package com.atoll.cli.egress;

import org.jspecify.annotations.NullMarked;
