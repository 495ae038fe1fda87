/**
 * What there is to be had: regions, sizes, prices, templates; and the sums that dashboards show.
 */
@NullMarked
package com.atoll.server.catalog;

import org.jspecify.annotations.NullMarked;
