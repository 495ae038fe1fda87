package com.atoll.server.authority;

import com.atoll.server.http.Doc;
import java.util.List;

/** An action of the catalogue. */
record ActionView(
    @Doc("Name of the action, by which policies and grants name it.") String name,
    @Doc("Changes whenever the action does; a decision is asked for with it.") String fingerprint,
    @Doc("Version of the form of this entry.") String version,
    @Doc("What it does, in a sentence.") String title,
    @Doc("read, write, destroy or manage.") String risk,
    @Doc("Scopes that a credential with listed scopes needs.") List<String> scopes,
    @Doc("Actions that it consists of; a policy of one of them counts for it too.")
        List<String> consistsOf,
    @Doc("Whether this server does it.") boolean available) {
  static ActionView of(Action action) {
    return new ActionView(
        action.name(),
        action.fingerprint(),
        "1",
        action.title(),
        action.risk(),
        List.copyOf(action.scopes()),
        action.parts(),
        !action.operations().isEmpty() || !action.parts().isEmpty());
  }
}
