package com.atoll.server.events;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.EventStream;
import com.atoll.server.http.Operation;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.store.Event;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The event log over HTTP: a stream that resumes, or a long poll. */
public final class EventsApi implements Capability {
  private static final long SECOND = 1_000_000_000L;
  private static final long LOOK_AROUND = 5 * SECOND;
  private static final int USUAL_PAGE = 100;

  /** What a list leaves out is read all the same, from the beginning for each page. */
  private static final int MOST_SKIPPED = 10_000;

  /** What lists of events say of a parameter. */
  public static final String SKIPS =
      "Without a stream: how many events to leave out, up to 10000; further on, after_id. The total"
          + " of the list counts what was read: more than is shown, until the last page.";

  /** The same. */
  public static final String PAGES =
      "Without a stream: number of the page, from 1, as far as offset.";

  private final Feed feed;

  /** The API of a feed. */
  public EventsApi(Feed feed) {
    this.feed = feed;
  }

  @Override
  public void start() {
    feed.start();
  }

  @Override
  public void close() {
    feed.close();
  }

  @Override
  public List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>();
    all.add(stream("/events/stream", "events.stream", "P1"));
    all.add(stream("/tenant/events/stream", "events.tenant_stream", "P3"));
    return all;
  }

  private Operation<?, ?> stream(String path, String id, String priority) {
    return Operation.get(path)
        .id(id)
        .summary("Follows what happens in the organization.")
        .priority(priority)
        .anyScope()
        .delegable()
        .query("types", "Types of events, separated by commas; a star stands for anything.")
        .query("scope", "Accepted and not used: the stream is the organization's.")
        .query("workspace_id", "Only events of this workspace.")
        .query("project_id", "Only events of this project.")
        .query("external_workspace_id", "Only events with this attribution.")
        .query("external_user_id", "Only events with this attribution.")
        .query("external_project_id", "Only events with this attribution.")
        .query("resource_id", "Only events of this resource.")
        .query("last_event_id", "The event after which the stream resumes.")
        .query("after_id", "Without a stream: the event after which the list begins.")
        .query("limit", "integer", "Without a stream: how many events at most; default 100.")
        .query("offset", "integer", SKIPS)
        .query("page", "integer", PAGES)
        .query("wait", "integer", "Without a stream: seconds to wait for an event, up to 25.")
        .query("ticket", "A ticket instead of a key, for EventSource.")
        .response(EventView.class, Envelope.LIST)
        .events()
        .run(this::answer);
  }

  private void answer(Call call) throws InterruptedException {
    answerWith(call, EventFilter.of(call)::matches, any -> Live.NONE);
  }

  /** What goes into a stream besides the log. */
  public interface Besides {
    /** Begins to take in what matches; what happens after this returns is told. */
    Live begin(Predicate<Event> filter) throws InterruptedException;
  }

  /** Answers with the events of one resource and of what belongs to it. */
  public void ofResource(Call call, String idName, String id, Besides besides)
      throws InterruptedException {
    EventFilter filter = EventFilter.of(call);
    answerWith(
        call,
        event ->
            filter.matches(event)
                && (id.equals(event.resourceId()) || id.equals(event.data().get(idName))),
        besides);
  }

  private void answerWith(Call call, Predicate<Event> filter, Besides besides)
      throws InterruptedException {
    String accept = call.header("Accept");
    boolean json = accept != null && accept.contains("application/json") && !call.wantsEvents();
    if (json) {
      list(call, filter);
    } else {
      followBoth(call, filter, besides);
    }
  }

  private void followBoth(Call call, Predicate<Event> filter, Besides besides)
      throws InterruptedException {
    Position asked = position(call.lastEventId());
    Subscription subscription = feed.subscribe(call.principal().org().value(), asked);
    // Both begin before the client hears that it listens.
    try (Live live = besides.begin(filter)) {
      EventStream stream = call.events();
      stream.onDisconnect(live::close);
      Thread.ofVirtual().name("live-events").start(() -> send(live, stream));
      follow(stream, subscription, filter, stored -> EventView.of(stored).frame(), stored -> false);
    }
  }

  private static void send(Live live, EventStream stream) {
    try {
      live.sendTo(stream);
    } catch (UncheckedIOException gone) {
      return;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** Streams the events that match, each in this form, from now or from where the client left. */
  public void follow(Call call, Predicate<Event> filter, Function<StoredEvent, Object> form)
      throws InterruptedException {
    followUntil(call, null, filter, form, stored -> false);
  }

  /**
   * Streams the events that match, and ends after the last one.
   *
   * @param from where to begin when the client names no event; null is now
   */
  public void followUntil(
      Call call,
      @Nullable Position from,
      Predicate<Event> filter,
      Function<StoredEvent, Object> form,
      Predicate<StoredEvent> last)
      throws InterruptedException {
    Position asked = position(call.lastEventId());
    Subscription subscription =
        feed.subscribe(call.principal().org().value(), asked == null ? from : asked);
    follow(call.events(), subscription, filter, form, last);
  }

  private static void follow(
      EventStream stream,
      Subscription subscription,
      Predicate<Event> filter,
      Function<StoredEvent, Object> form,
      Predicate<StoredEvent> last)
      throws InterruptedException {
    try {
      while (stream.connected()) {
        for (StoredEvent stored : subscription.next(LOOK_AROUND)) {
          if (filter.test(stored.event())) {
            stream.send(stored.position().id(), stored.event().type(), form.apply(stored));
            if (last.test(stored)) {
              return;
            }
          }
        }
      }
    } catch (UncheckedIOException gone) {
      return;
    }
  }

  private void list(Call call, Predicate<Event> filter) throws InterruptedException {
    Paging paging = call.paging(USUAL_PAGE);
    int skipped = paging.offset();
    if (skipped > MOST_SKIPPED) {
      throw AtollException.of(
          ErrorCode.INVALID_PARAM, call.query("offset") == null ? "page" : "offset");
    }
    long wait = call.queryInt("wait", 0, 25).orElse(0) * SECOND;
    String cursor = paging.after();
    Position after = position(cursor == null ? call.query("after_id") : cursor);
    String org = call.principal().org().value();
    Position from = after == null ? Position.START : after;
    Listed found = new Listed(filter, skipped);
    long until = System.nanoTime() + wait;
    List<StoredEvent> stored = feed.stored(org, from);
    // One more than is shown says whether there are more.
    while (!stored.isEmpty() && found.events.size() <= paging.limit()) {
      stored.forEach(found::add);
      from = stored.getLast().position();
      stored = feed.stored(org, from);
    }
    Subscription subscription = feed.subscribe(org, from);
    while (found.events.isEmpty()) {
      Position before = subscription.cursor();
      List<StoredEvent> batch = subscription.next(until - System.nanoTime());
      batch.forEach(found::add);
      if (subscription.cursor().equals(before) && System.nanoTime() - until >= 0) {
        break;
      }
    }
    call.respond(Page.of(found.events, paging, found.seen, EventView::eventId), paging);
  }

  /** What of the log belongs into a list. */
  private static final class Listed {
    private final Predicate<Event> filter;
    private final int skipped;
    private final List<EventView> events = new ArrayList<>();

    /** How many matched as far as was read: exact on the last page, more than is shown before. */
    private int seen;

    Listed(Predicate<Event> filter, int skipped) {
      this.filter = filter;
      this.skipped = skipped;
    }

    void add(StoredEvent stored) {
      if (filter.test(stored.event()) && seen++ >= skipped) {
        events.add(EventView.of(stored));
      }
    }
  }

  private static @Nullable Position position(@Nullable String id) {
    if (id == null || id.isEmpty()) {
      return null;
    }
    return Position.of(id)
        .orElseThrow(() -> AtollException.of(ErrorCode.INVALID_PARAM, "last_event_id"));
  }
}
