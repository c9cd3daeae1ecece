using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace CareHub.Storage.Telemetry.Embedded;

/// <summary>
/// One loop, one writing connection. Whatever has queued up while the last commit was on its way to the disk becomes
/// the next transaction, so the price of a commit is shared by all who wait for it, and a lone caller does not wait.
/// </summary>
/// <remarks>
/// An error fails every caller of the group (none of it was kept) and throws the connection away; the next group opens
/// a new one. So a full disk that has room again, or a file that is unlocked again, needs nobody's help.
/// </remarks>
internal sealed class GroupCommit : IAsyncDisposable
{
    private readonly Func<TelemetryWriter> _open;
    private readonly int _groupReadingsMax;
    private readonly ILogger _logger;
    private readonly Channel<WriteRequest> _queue;
    private readonly List<WriteRequest> _group = [];
    private readonly Task _loop;
    private TelemetryWriter? _writer;
    private bool _failing;

    public GroupCommit(TelemetryWriter writer, Func<TelemetryWriter> reopen, TelemetryLimits limits, ILogger logger)
    {
        _writer = writer;
        _open = reopen;
        _groupReadingsMax = limits.GroupReadingsMax;
        _logger = logger;
        _queue = Channel.CreateBounded<WriteRequest>(new BoundedChannelOptions(limits.QueuedWritesMax) { SingleReader = true });
        _loop = BehindAlarms.Run("telemetry.db", RunAsync);
    }

    /// <summary>
    /// Waits for room, then for the commit. Cancellation counts only while waiting for room: what is queued is going to
    /// be committed, and a caller who has left must not find its batch still being read.
    /// </summary>
    public async Task<T> WriteAsync<T>(int cost, Func<TelemetryWriter, T> work, CancellationToken cancellationToken)
    {
        var request = new WriteRequest<T>(cost, work);
        try
        {
            await _queue.Writer.WriteAsync(request, cancellationToken);
        }
        catch (ChannelClosedException closed)
        {
            throw new ObjectDisposedException("telemetry.db is closed.", closed);
        }

        return await request.Completion;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
        _writer?.Dispose();
        _writer = null;
    }

    private async Task RunAsync()
    {
        while (await _queue.Reader.WaitToReadAsync())
        {
            var cost = 0;
            while (cost < _groupReadingsMax && _queue.Reader.TryRead(out var request))
            {
                _group.Add(request);
                cost += request.Cost;
            }

            CommitGroup();
            _group.Clear();
        }
    }

    private void CommitGroup()
    {
        try
        {
            _writer ??= _open();
            _writer.Begin();
            foreach (var request in _group)
                request.Apply(_writer);
            _writer.Commit();
        }
        catch (Exception error)
        {
            // Closing rolls the transaction back.
            _writer?.Dispose();
            _writer = null;
            if (!_failing)
                TelemetryLog.WriteFailed(_logger, error);
            _failing = true;
            foreach (var request in _group)
                request.Fail(error);
            return;
        }

        if (_failing)
            TelemetryLog.WriteRecovered(_logger);
        _failing = false;
        foreach (var request in _group)
            request.Complete();
    }
}
