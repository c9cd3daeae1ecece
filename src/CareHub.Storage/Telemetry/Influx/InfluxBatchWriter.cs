namespace CareHub.Storage.Telemetry.Influx;

/// <summary>
/// Gets a batch of lines into InfluxDB as far as it will go: halves what is too large, closes in on bad lines, creates a
/// missing database. Sending a line again is harmless (same series and time are one point), so a batch that failed
/// half-way is simply sent again as a whole.
/// </summary>
internal sealed class InfluxBatchWriter(InfluxClient client, bool mayCreateDatabase)
{
    /// <summary>Requests after which bad lines of a batch are no longer looked for one by one; they are counted, and one stands for all.</summary>
    private const int SearchRequestsMax = 200;

    public async Task<BatchOutcome> WriteAsync(LineBatch batch, CancellationToken cancellationToken)
    {
        var outcome = new BatchOutcome();
        foreach (var refused in batch.Refused)
            outcome.Reject(refused);

        var pieces = new Stack<Piece>();
        if (batch.Count > 0)
            pieces.Push(new Piece(0, batch.Count));
        var databaseCreated = false;
        var requests = 0;
        while (pieces.TryPop(out var piece))
        {
            requests++;
            switch (await client.WriteAsync(batch.Lines(piece.From, piece.Count), cancellationToken))
            {
                case WriteAnswer.Written:
                    outcome.Written += piece.Count;
                    break;
                case WriteAnswer.PartlyRejected partly:
                    TakePartly(batch, piece, partly, requests < SearchRequestsMax, outcome, pieces);
                    break;
                case WriteAnswer.BadLines bad when piece.Count == 1:
                    outcome.Reject(batch.LineAt(piece.From, bad.Reason));
                    break;
                case WriteAnswer.TooLarge when piece.Count == 1:
                    outcome.Reject(batch.LineAt(piece.From, "larger than the server takes"));
                    break;
                case WriteAnswer.BadLines or WriteAnswer.TooLarge:
                    piece.Halve(pieces);
                    break;
                case WriteAnswer.DatabaseMissing missing:
                    if (!mayCreateDatabase || databaseCreated)
                        return outcome.Fail(missing.Reason, null, isRefusal: true);
                    if (await client.CreateDatabaseAsync(cancellationToken) is QueryAnswer.Failed failed)
                        return outcome.Fail($"the database is missing and cannot be created: {failed.Reason}", null, isRefusal: true);
                    databaseCreated = true;
                    pieces.Push(piece);
                    break;
                case WriteAnswer.Refused refused:
                    return outcome.Fail(refused.Reason, null, isRefusal: true);
                case WriteAnswer.Unavailable unavailable:
                    return outcome.Fail(unavailable.Reason, unavailable.RetryAfter, isRefusal: false);
            }
        }

        return outcome;
    }

    /// <summary>Finds out which lines were meant: named by the server, or all of them, or by sending halves again.</summary>
    private static void TakePartly(LineBatch batch, Piece piece, WriteAnswer.PartlyRejected partly, bool maySearch, BatchOutcome outcome, Stack<Piece> pieces)
    {
        if (partly.Points >= piece.Count)
        {
            for (var line = piece.From; line < piece.From + piece.Count; line++)
                outcome.Reject(batch.LineAt(line, partly.Reason));
            return;
        }

        var named = partly.Lines.Where(error => error.Line >= 0 && error.Line < piece.Count).DistinctBy(error => error.Line).OrderBy(error => error.Line).ToList();
        if (named.Count > 0)
        {
            // The others may hold more bad lines than the server cares to list: they are sent again, which shows it.
            var from = 0;
            foreach (var error in named)
            {
                outcome.Reject(batch.LineAt(piece.From + error.Line, error.Reason));
                piece.PushPart(from, error.Line, pieces);
                from = error.Line + 1;
            }

            piece.PushPart(from, piece.Count, pieces);
        }
        else if (maySearch)
        {
            piece.Halve(pieces);
        }
        else
        {
            outcome.Written += piece.Count - partly.Points;
            outcome.Reject(batch.LineAt(piece.From, $"{partly.Points} of {piece.Count} lines from this one on: {partly.Reason}"), partly.Points);
        }
    }

    private readonly record struct Piece(int From, int Count)
    {
        public void Halve(Stack<Piece> into)
        {
            var half = Count / 2;
            into.Push(new Piece(From + half, Count - half));
            into.Push(new Piece(From, half));
        }

        public void PushPart(int begin, int end, Stack<Piece> into)
        {
            if (end > begin)
                into.Push(new Piece(From + begin, end - begin));
        }
    }
}

/// <summary>What became of a batch. With a <see cref="Failure"/> it is to be sent again; without one it is done with.</summary>
internal sealed class BatchOutcome
{
    /// <summary>Rejected lines that are kept word for word; of more only the number is.</summary>
    private const int RejectedLinesMax = 50;

    private readonly List<RefusedLine> _rejectedLines = [];

    public int Written { get; set; }

    public int Rejected { get; private set; }

    /// <summary>Why points were rejected; the last reason stands for all.</summary>
    public string? RejectReason { get; private set; }

    public IReadOnlyList<RefusedLine> RejectedLines => _rejectedLines;

    public string? Failure { get; private set; }

    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>Whether the failure is one that waiting does not mend: credentials, rights, a missing database.</summary>
    public bool IsRefusal { get; private set; }

    public void Reject(RefusedLine line, int points = 1)
    {
        Rejected += points;
        RejectReason = line.Reason;
        if (_rejectedLines.Count < RejectedLinesMax)
            _rejectedLines.Add(line);
    }

    public BatchOutcome Fail(string reason, TimeSpan? retryAfter, bool isRefusal)
    {
        Failure = reason;
        RetryAfter = retryAfter;
        IsRefusal = isRefusal;
        return this;
    }
}
