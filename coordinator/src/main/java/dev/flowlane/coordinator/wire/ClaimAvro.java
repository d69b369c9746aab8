package dev.flowlane.coordinator.wire;

import dev.flowlane.core.placement.Claim;
import dev.flowlane.core.placement.Steering;
import dev.flowlane.core.spec.Exclusive;

/** Claims and the two enums that records share with them. */
final class ClaimAvro {
    private ClaimAvro() {}

    static dev.flowlane.avro.Claim toAvro(Claim claim) {
        return dev.flowlane.avro.Claim.newBuilder()
                .setMachineId(claim.machineId())
                .setCpu(claim.cpu())
                .setFlowId(claim.flowId())
                .setExclusive(exclusive(claim.exclusive()))
                .setPart(part(claim.part()))
                .setSharedWithFlowId(claim.sharedWithFlowId())
                .build();
    }

    /** What a record leaves open is taken for the most it can mean: too much claimed is safe, too little is not. */
    static Claim fromAvro(dev.flowlane.avro.Claim record) {
        Exclusive exclusive = switch (record.getExclusive()) {
            case STRICT, UNKNOWN -> Exclusive.STRICT;
            case PER_SIDE -> Exclusive.PER_SIDE;
            case NONE -> Exclusive.NONE;
        };
        Claim.Part part = switch (record.getPart()) {
            case WHOLE, UNKNOWN -> Claim.Part.WHOLE;
            case SOURCE_RECEIVE -> Claim.Part.SOURCE_RECEIVE;
            case DESTINATION_RECEIVE -> Claim.Part.DESTINATION_RECEIVE;
            case APPLICATION -> Claim.Part.APPLICATION;
        };
        return new Claim(record.getMachineId(), record.getCpu(), record.getFlowId(), exclusive, part,
                record.getSharedWithFlowId());
    }

    static dev.flowlane.avro.Exclusive exclusive(Exclusive exclusive) {
        return switch (exclusive) {
            case STRICT -> dev.flowlane.avro.Exclusive.STRICT;
            case PER_SIDE -> dev.flowlane.avro.Exclusive.PER_SIDE;
            case NONE -> dev.flowlane.avro.Exclusive.NONE;
        };
    }

    private static dev.flowlane.avro.ClaimPart part(Claim.Part part) {
        return switch (part) {
            case WHOLE -> dev.flowlane.avro.ClaimPart.WHOLE;
            case SOURCE_RECEIVE -> dev.flowlane.avro.ClaimPart.SOURCE_RECEIVE;
            case DESTINATION_RECEIVE -> dev.flowlane.avro.ClaimPart.DESTINATION_RECEIVE;
            case APPLICATION -> dev.flowlane.avro.ClaimPart.APPLICATION;
        };
    }

    static dev.flowlane.avro.Steering steering(Steering steering) {
        return switch (steering) {
            case HASHED -> dev.flowlane.avro.Steering.HASHED;
            case FOLLOWS_RECEIVER -> dev.flowlane.avro.Steering.FOLLOWS_RECEIVER;
            case FOLLOWS_SENDER -> dev.flowlane.avro.Steering.FOLLOWS_SENDER;
        };
    }

    /** A host that cannot tell is taken at its word about the receive CPU: as if the four-tuple decided. */
    static Steering steering(dev.flowlane.avro.Steering symbol) {
        return switch (symbol) {
            case HASHED, UNKNOWN -> Steering.HASHED;
            case FOLLOWS_RECEIVER -> Steering.FOLLOWS_RECEIVER;
            case FOLLOWS_SENDER -> Steering.FOLLOWS_SENDER;
        };
    }
}
