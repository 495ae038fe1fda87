/** Routes as the server feeds them, kept and served while the server is away. */
@NullMarked
package com.atoll.edge.routes;

import org.jspecify.annotations.NullMarked;
