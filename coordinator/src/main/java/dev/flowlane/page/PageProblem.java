package dev.flowlane.page;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flowlane.core.spec.Problem;

import java.util.List;

/** A request that cannot be answered as it was meant: what is wrong, where, and what is allowed. */
public final class PageProblem extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String where;
    private final String allowed;
    private final transient List<Problem> problems;

    /**
     * One thing that is wrong.
     *
     * @param status HTTP status, 400 to 599
     * @param where part of the request, such as the name of a query parameter; empty for the request as a whole
     * @param message for a person
     * @param allowed what would be right; empty when the message says it
     */
    public PageProblem(int status, String where, String message, String allowed) {
        super(message);
        this.status = status;
        this.where = where;
        this.allowed = allowed;
        this.problems = List.of();
    }

    /** Everything that is wrong with a spec. */
    public PageProblem(List<Problem> problems) {
        super(Problem.join(problems));
        this.status = 422;
        this.where = "spec";
        this.allowed = "";
        this.problems = List.copyOf(problems);
    }

    /** HTTP status. */
    public int status() {
        return status;
    }

    /** As it is answered. */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("status", status).put("message", String.valueOf(getMessage()));
        json.put("where", where).put("allowed", allowed);
        ArrayNode all = json.putArray("problems");
        for (Problem problem : problems) {
            all.addObject().put("key", problem.path()).put("message", problem.message());
        }
        return json;
    }
}
