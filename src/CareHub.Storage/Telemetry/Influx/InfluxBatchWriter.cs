namespace CareHub.Storage.Telemetry.Influx;

/// <summary>
/// Gets a batch of lines into InfluxDB as far as it will go: halves what is too large, closes in on bad lines, creates a
/// missing database. Sending a line again is harmless (same series and time are one point), so a batch that failed
/// half-way is simply sent again as a whole.
/// </summary>
internal sealed class InfluxBatchWriter(InfluxClient client, bool mayCreateDatabase)
{
    public async Task<BatchOutcome> WriteAsync(LineBatch batch, CancellationToken cancellationToken)
    {
        var outcome = new BatchOutcome();
        foreach (var (reason, count) in batch.Refused)
            outcome.Reject(count, reason);

        var pieces = new Stack<(int From, int Count)>();
        if (batch.Count > 0)
            pieces.Push((0, batch.Count));
        var databaseCreated = false;
        while (pieces.TryPop(out var piece))
        {
            switch (await client.WriteAsync(batch.Lines(piece.From, piece.Count), cancellationToken))
            {
                case WriteAnswer.Written:
                    outcome.Written += piece.Count;
                    break;
                case WriteAnswer.PartlyRejected partly:
                    var rejected = Math.Min(partly.Points, piece.Count);
                    outcome.Written += piece.Count - rejected;
                    outcome.Reject(rejected, partly.Reason);
                    break;
                case WriteAnswer.BadLines bad when piece.Count == 1:
                    outcome.Reject(1, bad.Reason);
                    break;
                case WriteAnswer.TooLarge when piece.Count == 1:
                    outcome.Reject(1, "larger than the server takes");
                    break;
                case WriteAnswer.BadLines or WriteAnswer.TooLarge:
                    var half = piece.Count / 2;
                    pieces.Push((piece.From + half, piece.Count - half));
                    pieces.Push((piece.From, half));
                    break;
                case WriteAnswer.DatabaseMissing missing:
                    if (!mayCreateDatabase || databaseCreated)
                        return outcome.Fail(missing.Reason, null);
                    if (await client.CreateDatabaseAsync(cancellationToken) is QueryAnswer.Failed failed)
                        return outcome.Fail($"the database is missing and cannot be created: {failed.Reason}", null);
                    databaseCreated = true;
                    pieces.Push(piece);
                    break;
                case WriteAnswer.Refused refused:
                    return outcome.Fail(refused.Reason, null);
                case WriteAnswer.Unavailable unavailable:
                    return outcome.Fail(unavailable.Reason, unavailable.RetryAfter);
            }
        }

        return outcome;
    }
}

/// <summary>What became of a batch. With a <see cref="Failure"/> it is to be sent again; without one it is done with.</summary>
internal sealed class BatchOutcome
{
    public int Written { get; set; }

    public int Rejected { get; private set; }

    /// <summary>Why points were rejected; the last reason stands for all.</summary>
    public string? RejectReason { get; private set; }

    public string? Failure { get; private set; }

    public TimeSpan? RetryAfter { get; private set; }

    public void Reject(int points, string reason)
    {
        Rejected += points;
        RejectReason = reason;
    }

    public BatchOutcome Fail(string reason, TimeSpan? retryAfter)
    {
        Failure = reason;
        RetryAfter = retryAfter;
        return this;
    }
}
