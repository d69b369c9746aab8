package dev.flowlane.bus;

/** The way to the topics of one installation. Cheap: connections are opened by the readers and writers it hands out. */
public final class Bus {
    private final BusSettings settings;

    public Bus(BusSettings settings) {
        this.settings = settings;
    }

    /** Full name of a topic here. */
    public String topicName(Topic<?> topic) {
        return topic.name(settings.prefix());
    }

    /** A topic's name here without the prefix; the whole name when it is no topic of this installation. */
    public String suffixOf(String topicName) {
        String prefix = settings.prefix() + ".";
        return topicName.startsWith(prefix) ? topicName.substring(prefix.length()) : topicName;
    }

    /** Writer of single records, see {@link WriterProfile#CONTROL}. */
    public BusWriter writer(String clientId) {
        return writer(clientId, WriterProfile.CONTROL);
    }

    /**
     * Writer without transactions.
     *
     * @param clientId name in the broker's logs and metrics; distinct within the process
     * @param profile {@code CONTROL} or {@code TELEMETRY}
     */
    public BusWriter writer(String clientId, WriterProfile profile) {
        if (profile == WriterProfile.TRANSACTIONAL) {
            throw new IllegalArgumentException("a transactional writer needs a transactional id");
        }
        return new BusWriter(settings, clientId, profile, null);
    }

    /**
     * Writer of transactions; {@link BusWriter#initTransactions} fences every earlier one with the same transactional
     * id.
     */
    public BusWriter transactionalWriter(String clientId, String transactionalId) {
        return new BusWriter(settings, clientId, WriterProfile.TRANSACTIONAL, transactionalId);
    }

    /** Reader of a service: what cannot be decoded goes to the dead letters. */
    public BusReader reader(String clientId) {
        return reader(clientId, OnMalformed.DEAD_LETTER);
    }

    /** Reader with a choice of what happens to records that cannot be decoded. */
    public BusReader reader(String clientId, OnMalformed onMalformed) {
        return new BusReader(settings, clientId, onMalformed);
    }

    /**
     * A place in the line for a seat that one process of this installation has at a time, see {@link Seat}.
     *
     * @param groupId consumer group of those who want it; nothing else may use it
     * @param topic one with a single partition
     */
    public Seat seat(String clientId, String groupId, Topic<?> topic) {
        return new Seat(settings, clientId, groupId, topic);
    }

    /** What nobody could decode. */
    public DeadLetterBox deadLetters() {
        return new DeadLetterBox(settings);
    }

    /** Creating and checking the topics. */
    public TopicAdmin admin() {
        return new TopicAdmin(settings);
    }
}
