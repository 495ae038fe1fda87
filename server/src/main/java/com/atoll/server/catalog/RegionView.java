package com.atoll.server.catalog;

import com.atoll.server.http.Doc;
import org.jspecify.annotations.Nullable;

/** A place where work runs. */
record RegionView(
    @Doc("Id.") String id,
    @Doc("Name.") String name,
    @Doc("The same as id.") String slug,
    @Doc("Country, when the owner of the installation says it.") @Nullable String country,
    @Doc("City, when the owner of the installation says it.") @Nullable String city,
    @Doc("Whether new work can run there now.") boolean available) {}
