package com.atoll.server.tokens;

import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import java.util.List;

/** Short-lived credentials over HTTP. */
public final class TokensApi implements Capability {
  private final Tickets tickets;

  /** The API of tickets. */
  public TokensApi(Tickets tickets) {
    this.tickets = tickets;
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return List.of(
        ticket("/auth/sse-ticket", "tokens.sse_ticket"),
        ticket("/sse/ticket", "tokens.key_sse_ticket"),
        Operation.post("/tokens/scoped")
            .id("tokens.scoped.create")
            .summary("Makes a delegation token for an end user.")
            .priority("P2")
            .notImplemented(),
        Operation.get("/tokens/scoped")
            .id("tokens.scoped.list")
            .summary("Lists delegation tokens.")
            .priority("P2")
            .notImplemented(),
        Operation.delete("/tokens/scoped/:id")
            .id("tokens.scoped.delete")
            .summary("Revokes a delegation token.")
            .priority("P2")
            .notImplemented());
  }

  private Operation<?, ?> ticket(String path, String id) {
    return Operation.post(path)
        .id(id)
        .summary("Makes a ticket with which a browser opens an event stream.")
        .priority("P1")
        .anyScope()
        .idempotency(Idempotency.NEVER)
        .request(NewTicket.class)
        .response(TicketView.class, Envelope.FLAT)
        .handle((call, body) -> tickets.mint(call));
  }
}
