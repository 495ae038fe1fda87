package com.atoll.server.e2b;

import com.atoll.server.http.Operation;
import java.util.ArrayList;
import java.util.List;

/** What the SDKs may ask and this release says that it does not do. */
final class Unbuilt {
  private Unbuilt() {}

  static List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>();
    all.add(Declared.missing(Operation.get("/e2b/sandboxes/:id/logs"), "v1.logs", "logs of E2B"));
    all.add(
        Declared.missing(Operation.get("/e2b/v2/sandboxes/:id/logs"), "v2.logs", "logs of E2B"));
    contents(all);
    family(all, "secrets", "secrets of E2B");
    rest(all, "templates", "this of templates of E2B");
    rest(all, "v2/templates", "this of templates of E2B");
    String tags = "/e2b/templates/tags";
    all.add(Declared.missing(Operation.post(tags), "templates.tag", "tags of builds"));
    all.add(Declared.missing(Operation.delete(tags), "templates.untag", "tags of builds"));
    all.add(
        Declared.missing(
            Operation.post("/e2b/templates"),
            "templates.create",
            "builds of E2B from Dockerfiles"));
    return all;
  }

  private static void contents(List<Operation<?, ?>> all) {
    String path = "/e2b/volumecontent/*rest";
    String what = "files of a volume without a sandbox";
    String id = "volumecontent.";
    all.add(Declared.missingToAnyone(Operation.get(path), id + "get", what));
    all.add(Declared.missingToAnyone(Operation.post(path), id + "post", what));
    all.add(Declared.missingToAnyone(Operation.put(path), id + "put", what));
    all.add(Declared.missingToAnyone(Operation.patch(path), id + "patch", what));
    all.add(Declared.missingToAnyone(Operation.delete(path), id + "delete", what));
  }

  private static void family(List<Operation<?, ?>> all, String path, String what) {
    String id = path.replace('/', '.');
    String base = "/e2b/" + path;
    all.add(Declared.missing(Operation.get(base), id + ".list", what));
    all.add(Declared.missing(Operation.post(base), id + ".create", what));
    rest(all, path, what);
    all.add(Declared.missing(Operation.delete(base + "/*rest"), id + ".delete", what));
  }

  private static void rest(List<Operation<?, ?>> all, String path, String what) {
    String id = path.replace('/', '.');
    String base = "/e2b/" + path;
    all.add(Declared.missing(Operation.get(base + "/*rest"), id + ".get", what));
    all.add(Declared.missing(Operation.post(base + "/*rest"), id + ".change", what));
    all.add(Declared.missing(Operation.patch(base + "/*rest"), id + ".patch", what));
  }
}
