package anycast.routing.document;

import anycast.routing.model.rule.RuleSet;

/// Who reads the documents of virtual services: reading follows what a stranger wrote, so whoever
/// has something to lose does not do it on his own thread.
///
/// **Threading.** That of whoever asks; the answer may take as long as a budget allows.
@FunctionalInterface
public interface DocumentReading {
  /// Reads on the thread of whoever asks, for as long as it takes.
  DocumentReading DIRECT = (_, document) -> DocumentReader.rules(document);

  /// The rules of a document.
  ///
  /// @param name of the virtual service
  /// @throws IllegalArgumentException with one sentence that says why it cannot be used: it is
  ///   wrong, or it is kept out
  RuleSet rules(String name, String document);
}
