package com.atoll.cli;

import com.atoll.cli.console.InputKind;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;

/** The {@code atoll} command. */
public final class Main {
  private Main() {}

  /** Runs one command line and exits with its code. */
  public static void main(String[] arguments) {
    Atoll atoll =
        new Atoll(
            System.getenv(),
            new FileInputStream(FileDescriptor.in),
            InputKind.ofThisProcess(),
            new FileOutputStream(FileDescriptor.out),
            new FileOutputStream(FileDescriptor.err));
    System.exit(atoll.execute(arguments));
  }
}
