#!/usr/bin/python3
"""Reads Flowlane's topics with a stock Kafka client and a stock Avro library (Debian: python3-confluent-kafka, python3-avro).

    read_topics.py --bootstrap HOST:PORT --schemas DIR [--prefix flowlane] [--run RUN_ID] [--print TOPIC]

DIR holds ids.lock and history/. Every committed record of every result topic is decoded: Confluent framing (a zero byte, the
schema's id as a big-endian int32, the datum), the schema looked up by its id. Prints one JSON object that tells, for each
topic, how many records there were and which runs they belong to; with --print the records of that topic instead, one JSON
object per line. Exit code 1: a record could not be read; the message says which.
"""

import argparse
import base64
import datetime
import io
import json
import os
import struct
import sys

import avro.io
import avro.schema
from confluent_kafka import Consumer, KafkaException, OFFSET_BEGINNING, TopicPartition

RESULT_TOPICS = [
    "run-events",
    "cpu-placement",
    "tcp-stats",
    "latency",
    "flow-stats",
    "cpu-use",
    "flow-results",
    "run-results",
]
TIMEOUT_SECONDS = 60


def read_lock(directory):
    """The schemas by id, and the ids that may appear under each subject."""
    schemas = {}
    subjects = {}
    with open(os.path.join(directory, "ids.lock"), encoding="utf-8") as lock:
        for line in lock:
            if line.startswith("#") or not line.strip():
                continue
            schema_id, subject, version = line.split()[:3]
            path = os.path.join(directory, "history", subject, f"v{version}.avsc")
            with open(path, encoding="utf-8") as text:
                schemas[int(schema_id)] = avro.schema.parse(text.read())
            subjects.setdefault(subject, set()).add(int(schema_id))
    return schemas, subjects


def decode(payload, schemas, allowed):
    """The record in a framed payload; ValueError when it is not as it should be."""
    if len(payload) < 5 or payload[0] != 0:
        raise ValueError("no Confluent framing")
    (schema_id,) = struct.unpack(">i", payload[1:5])
    if schema_id not in allowed:
        raise ValueError(f"schema id {schema_id} is not one of its subject's: {sorted(allowed)}")
    stream = io.BytesIO(payload[5:])
    record = avro.io.DatumReader(schemas[schema_id]).read(avro.io.BinaryDecoder(stream))
    left = len(payload) - 5 - stream.tell()
    if left != 0:
        raise ValueError(f"{left} bytes are left over")
    return record


def messages(consumer, topic):
    """Every committed message that is on the topic now."""
    partitions = consumer.list_topics(topic, TIMEOUT_SECONDS).topics[topic].partitions
    if not partitions:
        raise ValueError(f"topic {topic} does not exist")
    ends = {}
    for partition in partitions:
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), TIMEOUT_SECONDS)
        if high > low:
            ends[partition] = high
    if not ends:
        return
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in ends])
    while ends:
        message = consumer.poll(TIMEOUT_SECONDS)
        if message is None:
            raise ValueError(f"topic {topic}: silence before the end of partitions {sorted(ends)}")
        if message.error():
            # The end of a partition: transaction markers have offsets of their own, so only this tells.
            if message.error().name() == "_PARTITION_EOF":
                ends.pop(message.partition(), None)
                continue
            raise KafkaException(message.error())
        yield message
    consumer.unassign()


def plain(value):
    """What json cannot write by itself."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--schemas", required=True)
    parser.add_argument("--prefix", default="flowlane")
    parser.add_argument("--run")
    parser.add_argument("--print", dest="printed", metavar="TOPIC")
    arguments = parser.parse_args()

    schemas, subjects = read_lock(arguments.schemas)
    consumer = Consumer({
        "bootstrap.servers": arguments.bootstrap,
        # Never used: partitions are assigned, and nothing is committed. The client insists on one.
        "group.id": "read-topics",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "isolation.level": "read_committed",
    })
    summary = {}
    for name in [arguments.printed] if arguments.printed else RESULT_TOPICS:
        topic = f"{arguments.prefix}.{name}"
        # Subjects bear the default prefix: ids are the same in every installation.
        allowed = subjects[f"flowlane.{name}-value"]
        records = 0
        runs = {}
        for message in messages(consumer, topic):
            where = f"{topic}[{message.partition()}]@{message.offset()}"
            try:
                record = decode(message.value(), schemas, allowed)
                key = message.key().decode("utf-8")
            except (ValueError, AttributeError, avro.errors.AvroException) as problem:
                sys.exit(f"{where}: {problem}")
            expected = record["flow_id"] if name not in ("run-events", "run-results") else record["run_id"]
            if key != expected:
                sys.exit(f"{where}: key {key} is not {expected}")
            records += 1
            runs[record["run_id"]] = runs.get(record["run_id"], 0) + 1
            if arguments.printed and arguments.run in (None, record["run_id"]):
                print(json.dumps(record, default=plain))
        summary[name] = {"records": records, "runs": runs}
    consumer.close()
    if not arguments.printed:
        print(json.dumps(summary))


if __name__ == "__main__":
    main()
