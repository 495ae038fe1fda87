package com.atoll.edge.gateway;

import com.atoll.edge.files.ContentCache;
import com.atoll.edge.files.Sites;
import com.atoll.edge.routes.Route;
import java.nio.file.Path;

/** Serves releases made of files. */
final class StaticFiles {
  private final Sites sites;
  private final ContentCache cache = new ContentCache();

  StaticFiles(Path exports) {
    this.sites = new Sites(exports);
  }

  Exchange exchange(Front front, Request request, Route.StaticSite site) {
    return new FileExchange(front, request, site, sites, cache);
  }
}
