/// Virtual services as people write them: YAML to rules, with every problem at once, and back.
/// Imports `model`, `virtual` for what a canonical path is, and SnakeYAML.
package anycast.routing.document;
