/** Tests of the audit log on the command line. */
@NullMarked
package com.atoll.cli.audit;

import org.jspecify.annotations.NullMarked;
