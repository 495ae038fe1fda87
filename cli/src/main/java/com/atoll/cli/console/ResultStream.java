package com.atoll.cli.console;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** An output of this program that knows why it took no more: a {@link PrintStream} forgets it. */
public final class ResultStream extends PrintStream {
  // The words of the system for EPIPE and EBADF, as its messages come in the locale of the
  // launcher.
  private static final String NO_READER = "Broken pipe";
  private static final String CLOSED = "Bad file descriptor";

  private final Sink sink;

  /** Writes to this stream. */
  public ResultStream(OutputStream to) {
    this(new Sink(to));
  }

  private ResultStream(Sink sink) {
    super(sink, true, StandardCharsets.UTF_8);
    this.sink = sink;
  }

  /**
   * Why a part of what was written is lost, or null: who reads a pipe no longer wants no more of
   * it, which is no failure.
   */
  public @Nullable String failure() {
    flush();
    String why = sink.failure;
    return NO_READER.equals(why) ? null : why;
  }

  /** The same, where it is no failure either that the caller has closed it. */
  public @Nullable String failureUnlessClosed() {
    String why = failure();
    return CLOSED.equals(why) ? null : why;
  }

  /** What could not be written once is not gone on with: there would be a hole in it. */
  private static final class Sink extends OutputStream {
    private final OutputStream to;
    private volatile @Nullable String failure;

    Sink(OutputStream to) {
      this.to = to;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      writing(() -> to.write(bytes, from, count));
    }

    @Override
    public void flush() throws IOException {
      writing(to::flush);
    }

    private void writing(Writing what) throws IOException {
      if (failure != null) {
        throw new IOException(failure);
      }
      try {
        what.run();
      } catch (IOException failed) {
        failure = String.valueOf(failed.getMessage());
        throw failed;
      }
    }

    @Override
    public void close() throws IOException {
      to.close();
    }
  }

  @FunctionalInterface
  private interface Writing {
    void run() throws IOException;
  }
}
