/**
 * Encryption at rest: a data key per organization, wrapped by the master key of the installation.
 */
@NullMarked
package com.atoll.server.secrets;

import org.jspecify.annotations.NullMarked;
