package com.atoll.edge.gateway;

import com.atoll.edge.files.ByteRange;
import com.atoll.edge.files.ContentCache;
import com.atoll.edge.files.Lookup;
import com.atoll.edge.files.Site;
import com.atoll.edge.files.SiteFile;
import com.atoll.edge.files.Sites;
import com.atoll.edge.routes.Route;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One request for a file of a release. */
final class FileExchange implements Exchange {
  private static final int SLICE = 64 << 10;
  private static final long PAUSE_MS = 120_000;
  private static final int WORTH_COMPRESSING = 512;

  private final Front front;
  private final Request request;
  private final Route.StaticSite route;
  private final Sites sites;
  private final ContentCache cache;

  private @Nullable FileChannel source;
  private long at;
  private long left;
  private boolean done;

  FileExchange(
      Front front, Request request, Route.StaticSite route, Sites sites, ContentCache cache) {
    this.front = front;
    this.request = request;
    this.route = route;
    this.sites = sites;
    this.cache = cache;
  }

  @Override
  public void start() {
    if (request.method().equals(HttpMethod.OPTIONS)) {
      front.answer(new Answer(204, "", "", "", Map.of("Allow", "GET, HEAD, OPTIONS")));
      return;
    }
    if (!request.isGetOrHead()) {
      front.answer(
          new Answer(
              405,
              "METHOD_NOT_ALLOWED",
              "This site is made of files: it answers GET and HEAD.",
              "",
              Map.of("Allow", "GET, HEAD, OPTIONS")));
      return;
    }
    Site site = sites.site(route.exportId());
    if (site == null) {
      front.answer(
          Answer.busy("RELEASE_UNAVAILABLE", "The files of this release are not in place.", 2));
      return;
    }
    switch (site.find(request.pathOnly(), route.entrypoint())) {
      case Lookup.Found found -> serve(found.file(), 200);
      case Lookup.Folder folder -> {
        String query = request.query();
        String path = "/" + request.pathOnly().replaceFirst("^/+", "") + "/";
        front.answer(Answer.redirect(301, query.isEmpty() ? path : path + "?" + query, Map.of()));
      }
      case Lookup.Missing missing -> fallback(site);
    }
  }

  /** A page of a single-page application is made by its entrypoint; other names are missing. */
  private void fallback(Site site) {
    if (request.isNavigation()
        && lastSegment().indexOf('.') < 0
        && site.find("/", route.entrypoint()) instanceof Lookup.Found entry) {
      serve(entry.file(), 200);
    } else if (!request.prefersJson()
        && site.find("/404.html", route.entrypoint()) instanceof Lookup.Found page) {
      serve(page.file(), 404);
    } else {
      front.answer(Answer.of(404, "NOT_FOUND", "This site has no such page."));
    }
  }

  private String lastSegment() {
    String path = request.pathOnly();
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private void serve(SiteFile file, int status) {
    Conditions conditions = new Conditions(request.headers());
    if (status == 200 && conditions.failed(file)) {
      front.answer(Answer.of(412, "PRECONDITION_FAILED", "The file has changed."));
      return;
    }
    if (status == 200 && conditions.isNotModified(file)) {
      HttpResponse response = response(file, 304, file.tag());
      front.head(response, true);
      front.end(LastHttpContent.EMPTY_LAST_CONTENT);
      return;
    }
    String wanted = request.headers().get(HttpHeaderNames.RANGE);
    if (status == 200
        && wanted != null
        && request.method().equals(HttpMethod.GET)
        && conditions.allowRange(file)) {
      ByteRange range = ByteRange.parse(wanted, file.size());
      if (range != null) {
        part(file, range);
        return;
      }
    }
    whole(file, status);
  }

  private void part(SiteFile file, ByteRange range) {
    if (range.length() == 0) {
      front.answer(
          new Answer(
              416,
              "RANGE_NOT_SATISFIABLE",
              "The file is shorter than that.",
              "",
              Map.of("Content-Range", "bytes */" + file.size())));
      return;
    }
    HttpResponse response = response(file, 206, file.tag());
    response
        .headers()
        .set(
            HttpHeaderNames.CONTENT_RANGE,
            "bytes "
                + range.from()
                + '-'
                + (range.from() + range.length() - 1)
                + '/'
                + file.size());
    send(response, file.path(), range.from(), range.length());
  }

  private void whole(SiteFile file, int status) {
    boolean gzip = conditions().accepts("gzip");
    if (file.brotli() != null && conditions().accepts("br")) {
      made(file, status, file.brotli(), "br");
    } else if (file.gzip() != null && gzip) {
      made(file, status, file.gzip(), "gzip");
    } else if (gzip
        && file.compressible()
        && file.size() >= WORTH_COMPRESSING
        && file.size() <= ContentCache.MOST_COMPRESSED) {
      compressed(file, status);
    } else {
      plain(file, status);
    }
  }

  private Conditions conditions() {
    return new Conditions(request.headers());
  }

  private void made(SiteFile file, int status, Path compressed, String encoding) {
    HttpResponse response = response(file, status, file.tag() + '-' + encoding);
    response.headers().set(HttpHeaderNames.CONTENT_ENCODING, encoding);
    send(response, compressed, 0, -1);
  }

  private void compressed(SiteFile file, int status) {
    byte[] known = cache.gzipped(file);
    if (known != null) {
      gzipped(file, status, known);
      return;
    }
    cache
        .gzip(file)
        .whenComplete((bytes, failure) ->
            front
                .loop()
                .execute(() -> {
                  if (done) {
                    return;
                  }
                  if (bytes == null) {
                    plain(file, status);
                  } else {
                    gzipped(file, status, bytes);
                  }
                }));
  }

  private void gzipped(SiteFile file, int status, byte[] bytes) {
    HttpResponse response = response(file, status, file.tag() + "-gzip");
    response.headers().set(HttpHeaderNames.CONTENT_ENCODING, "gzip");
    send(response, bytes);
  }

  private void plain(SiteFile file, int status) {
    try {
      byte[] small = cache.small(file);
      HttpResponse response = response(file, status, file.tag());
      if (small != null) {
        send(response, small);
      } else {
        send(response, file.path(), 0, file.size());
      }
    } catch (IOException unreadable) {
      unavailable();
    }
  }

  private HttpResponse response(SiteFile file, int status, String tag) {
    HttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
    var headers = response.headers();
    if (status != 304) {
      headers.set(HttpHeaderNames.CONTENT_TYPE, file.mime());
    }
    if (status != 404) {
      headers.set(HttpHeaderNames.ETAG, '"' + tag + '"');
      headers.set(HttpHeaderNames.LAST_MODIFIED, HttpDates.format(file.modified()));
      headers.set(HttpHeaderNames.ACCEPT_RANGES, "bytes");
    }
    headers.set(HttpHeaderNames.CACHE_CONTROL, "public, max-age=0, must-revalidate");
    if (file.compressible() || file.brotli() != null || file.gzip() != null) {
      headers.set(HttpHeaderNames.VARY, "Accept-Encoding");
    }
    headers.set("x-content-type-options", "nosniff");
    headers.set(HttpHeaderNames.DATE, HttpDates.now());
    return response;
  }

  private void send(HttpResponse response, byte[] bytes) {
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, bytes.length);
    front.head(response, request.isHead());
    done = true;
    front.end(
        request.isHead()
            ? LastHttpContent.EMPTY_LAST_CONTENT
            : new DefaultLastHttpContent(Unpooled.wrappedBuffer(bytes)));
  }

  private void send(HttpResponse response, Path path, long from, long length) {
    try {
      FileChannel channel =
          FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
      source = channel;
      at = from;
      left = length < 0 ? channel.size() : length;
    } catch (IOException unreadable) {
      unavailable();
      return;
    }
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, left);
    front.head(response, request.isHead());
    if (request.isHead() || left == 0) {
      finish();
    } else if (front.takesFileRegions()) {
      DefaultFileRegion region = new DefaultFileRegion(Objects.requireNonNull(source), at, left);
      source = null;
      front.region(region);
      finish();
    } else {
      pump();
    }
  }

  private void pump() {
    FileChannel from = source;
    if (from == null || done) {
      return;
    }
    try {
      while (left > 0 && front.isWritable()) {
        int size = (int) Math.min(SLICE, left);
        ByteBuf slice = front.alloc().buffer(size, size);
        int read = slice.writeBytes(from, at, size);
        if (read <= 0) {
          slice.release();
          throw new IOException("the file became shorter");
        }
        at += read;
        left -= read;
        front.body(new DefaultHttpContent(slice));
        front.flush();
      }
    } catch (IOException unreadable) {
      closeSource();
      done = true;
      front.abort();
      return;
    }
    if (left == 0) {
      finish();
    }
  }

  private void finish() {
    done = true;
    closeSource();
    front.end(LastHttpContent.EMPTY_LAST_CONTENT);
  }

  private void unavailable() {
    done = true;
    front.answer(Answer.busy("RELEASE_UNAVAILABLE", "This file cannot be read now.", 2));
  }

  private void closeSource() {
    FileChannel from = source;
    source = null;
    if (from != null) {
      try {
        from.close();
      } catch (IOException alreadyGone) {
        // Only read from: nothing is lost.
        return;
      }
    }
  }

  @Override
  public void body(HttpContent content) {
    content.release();
  }

  @Override
  public void clientWritable() {
    pump();
  }

  @Override
  public void clientGone() {
    done = true;
    closeSource();
  }

  @Override
  public long pauseMs() {
    return PAUSE_MS;
  }
}
