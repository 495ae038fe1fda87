/**
 * What every Atoll process shares: the installation it belongs to and the ways it talks locally.
 */
@NullMarked
package com.atoll.platform;

import org.jspecify.annotations.NullMarked;
