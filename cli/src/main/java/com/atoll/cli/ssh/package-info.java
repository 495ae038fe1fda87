/** SSH into sandboxes with the OpenSSH of this machine. */
@NullMarked
package com.atoll.cli.ssh;

import org.jspecify.annotations.NullMarked;
