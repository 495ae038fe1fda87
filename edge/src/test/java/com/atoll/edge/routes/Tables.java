package com.atoll.edge.routes;

/** Tables that no server fills. */
public final class Tables {
  private Tables() {}

  /** A table with these routes. */
  public static RouteTable of(Route... routes) {
    RouteTable table = new RouteTable();
    for (Route route : routes) {
      table.put(route);
    }
    return table;
  }

  /** A route that takes the place of the one with its key. */
  public static void put(RouteTable table, Route route) {
    table.put(route);
  }

  /** Without the route that has this key. */
  public static void remove(RouteTable table, String key) {
    table.remove(key);
  }
}
