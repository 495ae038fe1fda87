/** Builds of images: each step runs in a sandbox of the image below. */
@NullMarked
package com.atoll.node.builds;

import org.jspecify.annotations.NullMarked;
