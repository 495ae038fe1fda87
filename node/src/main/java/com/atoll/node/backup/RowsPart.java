package com.atoll.node.backup;

import java.io.IOException;

/** The rows of the database as of one instant: a file for each table, and what they are. */
final class RowsPart {
  private final ArchiveWriter writer;
  private final DatabaseSession session;
  private final DatabaseSession.Rows rows;

  RowsPart(ArchiveWriter writer, DatabaseSession session, DatabaseSession.Rows rows) {
    this.writer = writer;
    this.session = session;
    this.rows = rows;
  }

  void write() throws IOException {
    file("index.json", rows.index());
    for (int table = 0; table < rows.tables(); table++) {
      writer.entry(Entry.file(table + ".copy", 0600));
      session.copy(table, writer.data());
    }
    file("counts.json", session.counts());
  }

  private void file(String name, byte[] content) throws IOException {
    writer.entry(Entry.file(name, 0600));
    writer.data(content, 0, content.length);
  }
}
