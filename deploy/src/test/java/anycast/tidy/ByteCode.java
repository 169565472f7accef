package anycast.tidy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// The product's classes as the compiler wrote them: who calls whom.
///
/// Names are those of class files: `anycast/edge/Edge`. Of classes outside, only what they extend
/// and declare is known, by reflection.
final class ByteCode {
  /// A method by its class, name and descriptor.
  record Id(String owner, String name, String type) {
    /// As a person writes it.
    @Override
    public String toString() {
      return owner.replace('/', '.') + "." + name;
    }
  }

  /// One call in a method's body.
  ///
  /// @param isDirect whether it is known whose method is called: static, private, `super`
  /// @param cast what the result is taken for at once; empty where it is not
  record Call(Id to, boolean isDirect, String cast) {}

  /// A lambda or method reference that a body makes.
  ///
  /// @param face functional interface
  /// @param sam the interface's method
  /// @param body what is run
  /// @param result type of the result, empty for `void`
  /// @param taker the call that takes it, as far as the order of instructions shows; null = none
  record Lambda(String face, String sam, Id body, String result, Id taker) {
    Lambda takenBy(Id call) {
      return new Lambda(face, sam, body, result, call);
    }
  }

  /// @param isLocking whether it is `synchronized` or holds such a block
  /// @param touched classes that it initialises, where they are not yet: those of static fields
  record Method(
      Id id,
      Shape shape,
      boolean isLocking,
      Set<String> touched,
      List<Call> calls,
      List<Lambda> lambdas) {
    boolean isAbstract() {
      return shape == Shape.ABSTRACT;
    }
  }

  /// Where a method's body is.
  enum Shape {
    HERE,
    ABSTRACT,
    NATIVE
  }

  /// Takes what is put into a variable or a field: whoever runs it from there is not known.
  static final Id KEPT = new Id("", "kept", "()V");

  record Type(String name, String parent, List<String> faces, Map<String, Method> methods) {}

  private final Map<String, Type> types = new LinkedHashMap<>();
  private final Map<String, Set<String>> below = new HashMap<>();
  private final Map<String, Set<String>> above = new HashMap<>();

  /// @param folders of class files
  static ByteCode read(List<Path> folders) {
    ByteCode all = new ByteCode();
    for (Path folder : folders) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
          all.add(ClassFile.of().parse(file));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    all.types
        .keySet()
        .forEach(name ->
            all.above(name)
                .forEach(
                    up -> all.below.computeIfAbsent(up, _ -> new LinkedHashSet<>()).add(name)));
    return all;
  }

  private void add(ClassModel model) {
    Map<String, Method> methods = new LinkedHashMap<>();
    String name = model.thisClass().asInternalName();
    for (MethodModel each : model.methods()) {
      Method method = method(name, each);
      methods.put(method.id().name() + method.id().type(), method);
    }
    types.put(
        name,
        new Type(
            name,
            model.superclass().map(up -> up.asInternalName()).orElse(""),
            model.interfaces().stream().map(up -> up.asInternalName()).toList(),
            methods));
  }

  private static Method method(String owner, MethodModel model) {
    List<Call> calls = new ArrayList<>();
    List<Lambda> lambdas = new ArrayList<>();
    Set<String> touched = new LinkedHashSet<>();
    boolean locks = model.flags().has(AccessFlag.SYNCHRONIZED);
    if (model.code().isPresent()) {
      Instruction before = null;
      for (CodeElement element : model.code().get()) {
        switch (element) {
          case InvokeInstruction call -> calls.add(call(call));
          case TypeCheckInstruction cast when follows(calls) ->
              calls.set(calls.size() - 1, taken(calls.getLast(), cast));
          case InvokeDynamicInstruction made -> lambda(made, lambdas);
          case FieldInstruction field when isStatic(field) ->
              touched.add(field.owner().asInternalName());
          case MonitorInstruction _ -> locks = true;
          default -> {}
        }
        if (element instanceof InvokeInstruction call) {
          give(lambdas, call(call).to());
        }
        if (before instanceof InvokeDynamicInstruction && isKeeping(element)) {
          keep(lambdas);
        }
        before = element instanceof Instruction instruction ? instruction : before;
      }
    }
    return new Method(
        new Id(owner, model.methodName().stringValue(), model.methodType().stringValue()),
        shape(model),
        locks,
        touched,
        calls,
        lambdas);
  }

  private static Shape shape(MethodModel model) {
    return model.flags().has(AccessFlag.NATIVE)
        ? Shape.NATIVE
        : model.flags().has(AccessFlag.ABSTRACT) ? Shape.ABSTRACT : Shape.HERE;
  }

  private static boolean isStatic(FieldInstruction field) {
    return field.opcode() == Opcode.GETSTATIC || field.opcode() == Opcode.PUTSTATIC;
  }

  private static boolean isKeeping(CodeElement element) {
    return element instanceof StoreInstruction
        || element instanceof FieldInstruction
        || element instanceof ReturnInstruction;
  }

  private static void keep(List<Lambda> lambdas) {
    if (!lambdas.isEmpty() && lambdas.getLast().taker() == null) {
      lambdas.set(lambdas.size() - 1, lambdas.getLast().takenBy(KEPT));
    }
  }

  private static boolean follows(List<Call> calls) {
    return !calls.isEmpty() && calls.getLast().cast().isEmpty();
  }

  private static Call taken(Call call, TypeCheckInstruction cast) {
    return new Call(call.to(), call.isDirect(), cast.type().asInternalName());
  }

  private static Call call(InvokeInstruction call) {
    Id to =
        new Id(call.owner().asInternalName(), call.name().stringValue(), call.type().stringValue());
    return switch (call.opcode()) {
      case INVOKESTATIC, INVOKESPECIAL -> new Call(to, true, "");
      default -> new Call(to, false, "");
    };
  }

  private static void lambda(InvokeDynamicInstruction made, List<Lambda> lambdas) {
    if (made.bootstrapArgs().size() < 3
        || !(made.bootstrapArgs().get(1) instanceof DirectMethodHandleDesc body)
        || !(made.bootstrapArgs().get(2) instanceof MethodTypeDesc told)) {
      return; // strings that are joined, switches over patterns, methods of records
    }
    Id id =
        new Id(
            internal(body.owner()),
            body.methodName(),
            body.kind() == DirectMethodHandleDesc.Kind.CONSTRUCTOR
                ? body.invocationType().changeReturnType(VOID).descriptorString()
                : body.lookupDescriptor());
    String result = told.returnType().isPrimitive() ? "" : internal(told.returnType());
    lambdas.add(
        new Lambda(
            internal(made.typeSymbol().returnType()), made.name().stringValue(), id, result, null));
  }

  /// A lambda is taken by the next call that has room for one of its kind; one call takes the last
  /// ones, as many as it has room for.
  private static void give(List<Lambda> lambdas, Id call) {
    Map<String, Integer> given = new HashMap<>();
    String taken = call.type().substring(0, call.type().indexOf(')'));
    for (int i = lambdas.size() - 1; i >= 0; i--) {
      Lambda lambda = lambdas.get(i);
      String face = "L" + lambda.face() + ";";
      int room = (taken.length() - taken.replace(face, "").length()) / face.length();
      if (lambda.taker() == null && given.getOrDefault(face, 0) < room) {
        given.merge(face, 1, Integer::sum);
        lambdas.set(i, lambda.takenBy(call));
      }
    }
  }

  private static final ClassDesc VOID = ClassDesc.ofDescriptor("V");

  static String internal(ClassDesc type) {
    String descriptor = type.descriptorString();
    return type.isClassOrInterface()
        ? descriptor.substring(1, descriptor.length() - 1)
        : descriptor;
  }

  Map<String, Type> types() {
    return types;
  }

  /// A method by its id, where it stands in the product.
  Method find(Id id) {
    Type type = types.get(id.owner());
    return type == null ? null : type.methods().get(id.name() + id.type());
  }

  /// All product types below this one, and itself.
  Set<String> below(String name) {
    return below.getOrDefault(name, Set.of());
  }

  /// All types above this one, and itself, product or not.
  Set<String> above(String name) {
    Set<String> known = above.get(name);
    if (known != null) {
      return known;
    }
    Set<String> all = new LinkedHashSet<>();
    all.add(name);
    Type type = types.get(name);
    List<String> direct = new ArrayList<>();
    if (type != null) {
      direct.add(type.parent());
      direct.addAll(type.faces());
    } else if (!name.isEmpty()) {
      Class<?> outside = outside(name);
      if (outside != null) {
        if (outside.getSuperclass() != null) {
          direct.add(outside.getSuperclass().getName().replace('.', '/'));
        }
        Stream.of(outside.getInterfaces())
            .forEach(face -> direct.add(face.getName().replace('.', '/')));
      }
    }
    direct.stream().filter(up -> !up.isEmpty()).forEach(up -> all.addAll(above(up)));
    above.put(name, all);
    return all;
  }

  /// A class outside the product; null where there is none, as of an array.
  static Class<?> outside(String name) {
    try {
      return Class.forName(name.replace('/', '.'), false, ByteCode.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      return null;
    }
  }

  /// Whether a type outside the product has a method of this name.
  static boolean declares(String type, Method method) {
    Class<?> outside = outside(type);
    return outside != null
        && Stream.of(outside.getDeclaredMethods())
            .anyMatch(each -> each.getName().equals(method.id().name()));
  }

  /// The method that runs when one of this type is asked: its own, or what it inherits.
  Method resolve(String type, String name, String descriptor) {
    for (String at = type; types.containsKey(at); at = types.get(at).parent()) {
      Method own = types.get(at).methods().get(name + descriptor);
      if (own != null && !own.isAbstract()) {
        return own;
      }
    }
    for (String up : above(type)) {
      Method inherited = find(new Id(up, name, descriptor));
      if (inherited != null && !inherited.isAbstract()) {
        return inherited;
      }
    }
    return null;
  }
}
