package com.atoll.server.toolservers;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What is sent and answered about tool servers. */
final class Views {
  private Views() {}

  record NewServer(
      @Doc(value = "Name; once in its workspace.", min = 1, max = 100) String name,
      @Doc(
              value =
                  "streamable_http (default when there is a url), sse, or stdio (default when there"
                      + " is a command).",
              max = 30)
          @Nullable String transport,
      @Doc(value = "Workspace, by id, slug or name; the default one when absent.", max = 255)
          @Nullable String workspaceId,
      @Doc(value = "Address of a remote server.", min = 1, max = 2048) @Nullable String url,
      @Doc(value = "Program of a stdio server.", min = 1, max = 1000) @Nullable String command,
      @Doc(value = "Arguments of the program.", max = 100) @Nullable List<String> args,
      @Doc(value = "Headers; their values name secrets as {{NAME}}.", max = 20)
          @Nullable Map<String, String> headersTemplate,
      @Doc("How it is authorized: {type: none, bearer or basic, secret: name of a secret}.")
          @Nullable Map<String, Object> auth,
      @Doc(value = "Tools that agents may use; all of them when absent.", max = 500)
          @Nullable List<String> tools,
      @Doc("Free data of the caller.") @Nullable Map<String, Object> metadata,
      @Doc(value = "Secrets by name; kept encrypted and never shown.", max = 20)
          @Nullable Map<String, String> secrets,
      @Doc("Headers whose values are secrets: {header: name}, or a list of names.")
          @Nullable JsonNode secretHeaders,
      @Doc("Variables whose values are secrets: {variable: name}, or a list of names.")
          @Nullable JsonNode secretEnv) {}

  record ServerChange(
      @Doc(value = "New name.", min = 1, max = 100) @Nullable String name,
      @Doc(value = "streamable_http, sse or stdio.", max = 30) @Nullable String transport,
      @Doc(value = "Address of a remote server.", min = 1, max = 2048) @Nullable String url,
      @Doc(value = "Program of a stdio server.", min = 1, max = 1000) @Nullable String command,
      @Doc(value = "Arguments of the program.", max = 100) @Nullable List<String> args,
      @Doc(value = "Headers, all of them; their values name secrets as {{NAME}}.", max = 20)
          @Nullable Map<String, String> headersTemplate,
      @Doc("How it is authorized: {type: none, bearer or basic, secret: name of a secret}.")
          @Nullable Map<String, Object> auth,
      @Doc(value = "Tools that agents may use.", max = 500) @Nullable List<String> tools,
      @Doc("Free data of the caller, all of it.") @Nullable Map<String, Object> metadata,
      @Doc(
              value =
                  "Secrets to set; an empty text removes one. The others stay, unless url, command,"
                      + " args or transport change: then all are set anew.",
              max = 20)
          @Nullable Map<String, String> secrets,
      @Doc("Headers whose values are secrets, all of them.") @Nullable JsonNode secretHeaders,
      @Doc("Variables whose values are secrets, all of them.") @Nullable JsonNode secretEnv) {}

  record ServerView(
      @Doc("Its id.") String id,
      @Doc("Id of the organization.") String tenantId,
      @Doc("Id of its workspace.") String workspaceId,
      @Doc("Its name.") String name,
      @Doc("streamable_http, sse or stdio.") String transport,
      @Doc("Address of a remote server.") @Nullable String url,
      @Doc("Program of a stdio server.") @Nullable String command,
      @Doc("Arguments of the program.") List<String> args,
      @Doc("Headers; their values name secrets.") Map<String, String> headersTemplate,
      @Doc("How it is authorized.") Map<String, Object> auth,
      @Doc("Tools that agents may use; null for all.") @Nullable List<String> tools,
      @Doc("Free data of the caller.") Map<String, Object> metadata,
      @Doc("Names of its secrets.") List<String> secretNames,
      @Doc("Headers by the names of the secrets that are their values.")
          Map<String, String> secretHeaders,
      @Doc("Variables by the names of the secrets that are their values.")
          Map<String, String> secretEnv,
      @Doc("The entry of the catalogue that it was installed from.") @Nullable String catalogSlug,
      @Doc("untested, ready, or error when its last test failed.") String status,
      @Doc("Why its last test failed.") @Nullable String lastError,
      @Doc("When it was last tested.") @Nullable Instant lastTestedAt,
      @Doc("What its last good test found.") @Nullable Found found,
      @Doc("When it was made.") Instant createdAt,
      @Doc("When it was last changed.") Instant updatedAt) {

    static ServerView of(ToolServer s) {
      return new ServerView(
          s.id(),
          s.org(),
          s.workspaceId(),
          s.name(),
          s.transport().wire(),
          s.url(),
          s.command(),
          s.args(),
          s.headersTemplate(),
          s.auth(),
          s.tools(),
          s.metadata(),
          s.secretNames(),
          s.secretHeaders(),
          s.secretEnv(),
          s.catalogSlug(),
          s.status(),
          s.lastError(),
          s.lastTestedAt(),
          s.found(),
          s.createdAt(),
          s.updatedAt());
    }
  }

  record TestView(
      @Doc("Whether it was reached and listed its tools.") boolean ok,
      @Doc("streamable_http or stdio.") String transport,
      @Doc("Why it failed.") @Nullable String error,
      @Doc("Status of HTTP that it failed with.") @Nullable Integer statusCode,
      @Doc("Name that the server gives itself.") @Nullable String serverName,
      @Doc("Version that the server gives itself.") @Nullable String serverVersion,
      @Doc("Version of the protocol that it speaks.") @Nullable String protocolVersion,
      @Doc("Its tools.") List<Found.FoundTool> tools,
      @Doc("How many tools it has.") int toolCount,
      @Doc("How long it took, in milliseconds.") int durationMs) {}

  record TryEntry(
      @Doc(value = "How it is connected, of the entry's methods; the first when absent.", max = 60)
          @Nullable String method,
      @Doc("Values of the method's fields.") @Nullable Map<String, Object> values) {}

  record InstallEntry(
      @Doc(value = "How it is connected, of the entry's methods; the first when absent.", max = 60)
          @Nullable String method,
      @Doc("Values of the method's fields.") @Nullable Map<String, Object> values,
      @Doc(value = "Name of the server; that of the entry when absent.", min = 1, max = 100)
          @Nullable String name,
      @Doc(value = "Workspace, by id, slug or name; the default one when absent.", max = 255)
          @Nullable String workspaceId) {}

  record Installed(
      @Doc("The server.") ServerView data,
      @Doc("Names of the secrets that are kept for it.") List<String> secrets) {}

  record Added(@Doc("Id of the server.") String id, @Doc("Name of the server.") String name) {}

  record EntryView(
      @Doc("Its slug.") String slug,
      @Doc("Its name.") String name,
      @Doc("What it is for.") String description,
      @Doc("Its category.") String category,
      @Doc("Where it is described.") String homepage,
      @Doc("Ways to connect it.") List<Catalogue.Method> methods,
      @Doc("Servers of the workspace that were installed from it.") List<Added> added) {}

  record CatalogView(
      @Doc("The entries.") List<EntryView> data,
      @Doc("How many there are.") int total,
      @Doc("Their categories.") List<String> categories,
      @Doc("Known servers that cannot be installed here, and why.")
          List<Catalogue.Excluded> excluded) {}
}
