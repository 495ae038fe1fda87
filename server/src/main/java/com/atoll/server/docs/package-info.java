/** The reference: the OpenAPI document, its page, the pages of the errors. */
@NullMarked
package com.atoll.server.docs;

import org.jspecify.annotations.NullMarked;
