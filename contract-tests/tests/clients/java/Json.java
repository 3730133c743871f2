import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A small JSON reader: Map, List, String, Double, Boolean, null. The JDK has none. */
final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    static Object parse(String text) {
        try {
            var json = new Json(text);
            var value = json.value();
            json.space();
            if (json.at != text.length()) throw new IllegalArgumentException("more than one value");
            return value;
        } catch (StringIndexOutOfBoundsException | NumberFormatException | StackOverflowError error) {
            throw new IllegalArgumentException("not JSON");
        }
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
    }

    private boolean takes(char wanted) {
        space();
        if (text.charAt(at) != wanted) return false;
        at++;
        return true;
    }

    private void needs(boolean holds) {
        if (!holds) throw new IllegalArgumentException("not JSON");
    }

    private Object value() {
        if (takes('{')) return object();
        if (takes('[')) return list();
        if (takes('"')) return string();
        int from = at;
        while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) at++;
        var word = text.substring(from, at);
        return switch (word) {
            case "null" -> null;
            case "true", "false" -> word.equals("true");
            default -> Double.valueOf(word);
        };
    }

    private Map<String, Object> object() {
        var found = new LinkedHashMap<String, Object>();
        if (takes('}')) return found;
        do {
            needs(takes('"'));
            var name = string();
            needs(takes(':'));
            found.put(name, value());
        } while (takes(','));
        needs(takes('}'));
        return found;
    }

    private List<Object> list() {
        var found = new ArrayList<Object>();
        if (takes(']')) return found;
        do found.add(value()); while (takes(','));
        needs(takes(']'));
        return found;
    }

    private String string() {
        var found = new StringBuilder();
        for (char next = text.charAt(at++); next != '"'; next = text.charAt(at++)) {
            if (next != '\\') {
                found.append(next);
                continue;
            }
            next = text.charAt(at++);
            if (next == 'u') {
                found.append((char) Integer.parseInt(text.substring(at, at += 4), 16));
            } else {
                int place = "bfnrt\"\\/".indexOf(next);
                needs(place >= 0);
                found.append("\b\f\n\r\t\"\\/".charAt(place));
            }
        }
        return found.toString();
    }
}
