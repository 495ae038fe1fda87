@NullMarked
package com.atoll.model;

import org.jspecify.annotations.NullMarked;
