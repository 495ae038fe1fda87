package com.atoll.server.templates;

import com.atoll.model.Principal;
import com.atoll.platform.Installation;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Operation;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeWatch;
import com.atoll.server.sandboxes.Machine;
import com.atoll.server.sandboxes.TemplateBook;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Store;
import java.util.ArrayList;
import java.util.List;

/** Templates: those that came with the program, those of organizations, and their builds. */
public final class TemplatesCapability implements Capability {
  private final Templates templates;
  private final Book book;
  private final OwnTemplates own;
  private final List<Operation<?, ?>> operations = new ArrayList<>();

  /** Templates of this node. */
  public TemplatesCapability(
      Installation installation, Store store, Vault vault, NodeClient node, NodeWatch watch) {
    templates = new Templates(node);
    book = new Book(store, templates, BuiltIn.all(installation.dist().resolve("templates")));
    Machine machine = new Machine(node);
    Builder builder = new Builder(store, node, book);
    own = new OwnTemplates(store, book, builder, new Fit(machine), installation.imageRegistries());
    watch.add(templates);
    watch.add(builder);
    operations.addAll(new TemplatesApi(templates, book, own, store).operations());
    operations.addAll(new BuildsApi(own, builder, store, node).operations());
    operations.addAll(new BuildFilesApi(node, vault).operations());
    operations.add(new CatalogueApi(templates, book, machine).operation());
  }

  /** Deletes a template that nothing stands on, as a DELETE by its owner does. */
  public void remove(Principal owner, String id) {
    own.delete(owner, id);
  }

  /** What sandboxes must know of templates. */
  public TemplateBook book() {
    return book;
  }

  /** The templates that came with the program, as the node says now. */
  public List<TemplateKind> kinds() {
    return templates.list().stream()
        .map(template -> {
          BuiltIn described = book.builtIns().get(template.getId());
          return new TemplateKind(
              template.getId(),
              described == null ? template.getId() : described.name(),
              described == null ? null : described.description(),
              template.getState().equals("active"),
              template.getWarm(),
              described == null ? List.of() : BuiltIn.orNone(described.about().tools()));
        })
        .toList();
  }

  /** Calls back when what templates declare has changed. */
  public void onChange(Runnable action) {
    templates.onChange(action);
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return operations;
  }
}
