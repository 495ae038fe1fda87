package com.atoll.edge.traffic;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop has served since it was last asked: all of it added up, and of so many
 * requests a record. Used by its loop only, so that nothing of it waits for anything.
 */
public final class Journal {
  static final int MOST_RECORDS = 400;
  static final int MOST_RECORDS_OF_ONE = 200;
  static final int MOST_ROUTES_OF_ONE = 100;
  static final int MOST_TALLIES = 200;

  /** Where requests go for whose route there is no room. */
  static final String OTHER = "(other)";

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

  private final Map<Tally.Key, Tally> tallies = new HashMap<>();
  private final Map<String, Room> rooms = new HashMap<>();
  private List<Served> records = new ArrayList<>();

  /** How much of one deployment there is already. */
  private static final class Room {
    int records;
    int routes;
  }

  /** What was served; each request is in one tally. */
  record Batch(long atMillis, Collection<Tally> tallies, List<Served> records) {}

  /** Takes a request down that is over. */
  public void done(Served served) {
    String deployment = served.account().id();
    Room room = rooms.computeIfAbsent(deployment, id -> new Room());
    Tally tally = tally(served, room);
    tally.add(served);
    if (room.records < MOST_RECORDS_OF_ONE && records.size() < MOST_RECORDS) {
      room.records++;
      records.add(served);
    } else {
      tally.unlogged++;
    }
  }

  private Tally tally(Served served, Room room) {
    int query = served.path().indexOf('?');
    String path = query < 0 ? served.path() : served.path().substring(0, query);
    Tally.Key key =
        new Tally.Key(
            served.account().id(),
            served.account().version(),
            METHODS.contains(served.method()) ? served.method() : OTHER,
            Paths.group(path));
    Tally known = tallies.get(key);
    if (known != null) {
      return known;
    }
    if (room.routes++ >= MOST_ROUTES_OF_ONE || tallies.size() >= MOST_TALLIES) {
      // Without its method too, so that there is one of these for each version.
      key = new Tally.Key(key.deployment(), key.version(), OTHER, OTHER);
    }
    return tallies.computeIfAbsent(key, Tally::new);
  }

  /** What came in since the last time; null when nothing did. */
  @Nullable Batch take() {
    if (tallies.isEmpty()) {
      return null;
    }
    Batch batch = new Batch(System.currentTimeMillis(), List.copyOf(tallies.values()), records);
    tallies.clear();
    rooms.clear();
    records = new ArrayList<>();
    return batch;
  }
}
