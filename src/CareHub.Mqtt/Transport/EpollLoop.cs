using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace CareHub.Mqtt.Transport;

/// <summary>
/// One thread that waits for many sockets and runs what their readers do next, on the spot: no thread pool between a
/// packet's arrival and its answer. Everything that runs here must not block.
/// </summary>
/// <remarks>
/// Who sends little goes first, as a router's fair queue has it (RFC 8290, sparse flows): a connection that has filled the
/// buffer waits in a line of its own, and between two turns of that line everybody else who has sent something is served. So
/// whoever presses a button waits for one turn of a flood and not for one of each connection that floods. Work that others post
/// (acknowledgements of what the handler has kept meanwhile) takes turns with both: left to the thread pool it would stand in
/// one queue with the hub's alarms.
/// </remarks>
internal sealed class EpollLoop : IWorkScheduler
{
    private const int ListenerMark = -1;
    private const int SignalMark = -2;

    /// <summary>Posted work that is done before sockets are looked at again.</summary>
    private static readonly long PostedTurnTicks = Stopwatch.Frequency / 5_000;

    private readonly int _epoll = LinuxSockets.CreateEpoll();
    private readonly Lock _lock = new();
    private readonly Action<Exception> _failed;

    /// <summary>Wakes the thread. Closed with the last reference: a number that is free again may be somebody else's file.</summary>
    private readonly SafeFileHandle _signal = LinuxSockets.CreateSignal();
    private readonly Queue<EpollConnection> _flooding = new();
    private readonly ConcurrentQueue<IThreadPoolWorkItem> _posted = new();
    private EpollConnection?[] _connections = new EpollConnection?[1024];
    private Socket? _listening;
    private Action<EpollConnection>? _accepted;
    private EpollLoop[] _targets = [];
    private int _nextTarget;
    private int _generation;
    private int _signalled;
    private volatile bool _stopping;
    private Thread? _thread;

    public EpollLoop(Action<Exception> failed)
    {
        _failed = failed;
        if (_epoll < 0 || _signal.IsInvalid || !LinuxSockets.Add(_epoll, (int)_signal.DangerousGetHandle(), LinuxSockets.EpollIn, SignalMark))
        {
            throw new IOException($"epoll cannot be set up: error {LinuxSockets.LastError}.");
        }
    }

    /// <summary>Starts the thread. A listening socket makes it accept and hand connections to the targets in turn.</summary>
    public void Start(Socket? listening, EpollLoop[] targets, Action<EpollConnection> accepted)
    {
        _targets = targets;
        _accepted = accepted;
        if (listening is not null)
        {
            _listening = listening;
            listening.Blocking = false;
            LinuxSockets.Add(_epoll, (int)listening.Handle, LinuxSockets.EpollIn, ListenerMark);
        }

        _thread = new Thread(Run) { IsBackground = true, Name = "mqtt epoll" };
        _thread.Start();
    }

    /// <summary>Stops accepting; open connections are served on.</summary>
    public void StopAccepting()
    {
        _listening?.Dispose();
        _listening = null;
    }

    /// <summary>Ends the thread. Called when no connection is left.</summary>
    public void Stop()
    {
        _stopping = true;
        LinuxSockets.Signal(_signal);
        if (Thread.CurrentThread != _thread)
        {
            _thread?.Join();
        }
    }

    /// <inheritdoc />
    public void Post(IThreadPoolWorkItem work)
    {
        if (_stopping)
        {
            PoolScheduler.Instance.Post(work);
            return;
        }

        _posted.Enqueue(work);
        if (!IsCurrentThread && Interlocked.Exchange(ref _signalled, 1) == 0)
        {
            LinuxSockets.Signal(_signal);
        }

        // The thread may have looked for the last time.
        if (_stopping && _posted.TryDequeue(out var left))
        {
            PoolScheduler.Instance.Post(left);
        }
    }

    /// <summary>Watches the connection's socket for the events from now on.</summary>
    public bool Watch(EpollConnection connection, uint events, bool isNew)
    {
        if (!isNew)
        {
            return LinuxSockets.Modify(_epoll, connection.Descriptor, events, connection.Generation);
        }

        lock (_lock)
        {
            if (connection.Descriptor >= _connections.Length)
            {
                Array.Resize(ref _connections, Math.Max(_connections.Length * 2, connection.Descriptor + 1));
            }

            connection.Generation = ++_generation & int.MaxValue;
            _connections[connection.Descriptor] = connection;
        }

        return LinuxSockets.Add(_epoll, connection.Descriptor, events, connection.Generation);
    }

    /// <summary>Whether this is the loop's own thread.</summary>
    public bool IsCurrentThread => Thread.CurrentThread == _thread;

    /// <summary>A connection that has more to read than its turn was long: it goes on when its turn comes. On the loop's thread only.</summary>
    public void Defer(EpollConnection connection) => _flooding.Enqueue(connection);

    /// <summary>No more events of this connection.</summary>
    public void Unwatch(EpollConnection connection) => LinuxSockets.Remove(_epoll, connection.Descriptor);

    /// <summary>Forgets the connection; its descriptor may be closed after this.</summary>
    public void Forget(EpollConnection connection)
    {
        lock (_lock)
        {
            if (connection.Descriptor < _connections.Length && ReferenceEquals(_connections[connection.Descriptor], connection))
            {
                _connections[connection.Descriptor] = null;
            }
        }
    }

    private void Run()
    {
        var events = new LinuxSockets.Event[256];
        while (!_stopping)
        {
            var count = LinuxSockets.Wait(_epoll, events, _flooding.Count > 0 || !_posted.IsEmpty ? 0 : LinuxSockets.Forever);
            for (var i = 0; i < count; i++)
            {
                Try(static (loop, happened) => loop.Dispatch(happened), events[i]);
            }

            RunPosted();
            if (_flooding.TryDequeue(out var next))
            {
                Try(static (_, connection) => connection.TakeTurn(), next);
            }
        }

        LinuxSockets.Close(_epoll);
        while (!_posted.IsEmpty)
        {
            RunPosted();
        }
    }

    private void RunPosted()
    {
        var until = 0L;
        while (_posted.TryDequeue(out var work))
        {
            Try(static (_, posted) => posted.Execute(), work);
            var now = Stopwatch.GetTimestamp();
            until = until == 0 ? now + PostedTurnTicks : until;
            if (now >= until)
            {
                return;
            }
        }
    }

    private void Try<T>(Action<EpollLoop, T> step, T argument)
    {
        try
        {
            step(this, argument);
        }
        catch (Exception exception)
        {
            _failed(exception);
        }
    }

    private void Dispatch(in LinuxSockets.Event happened)
    {
        if (happened.Generation == ListenerMark)
        {
            AcceptSome();
            return;
        }

        if (happened.Generation == SignalMark)
        {
            // With a full fence, before the queue is looked at: who still saw the signal has posted before that, who did not signals anew.
            LinuxSockets.ClearSignal(_signal);
            Interlocked.Exchange(ref _signalled, 0);
            return;
        }

        EpollConnection? connection;
        lock (_lock)
        {
            connection = happened.Descriptor < _connections.Length ? _connections[happened.Descriptor] : null;
        }

        // An event may be older than the connection that has the descriptor by now.
        if (connection?.Generation == happened.Generation)
        {
            connection.OnEvents(happened.Events);
        }
    }

    private void AcceptSome()
    {
        // A bounded number, so that a storm of connects does not starve those that are open.
        for (var i = 0; i < 64 && _listening is { } listening; i++)
        {
            int descriptor;
            IPEndPoint? remote;
            try
            {
                descriptor = LinuxSockets.Accept((int)listening.Handle, out remote);
            }
            catch (ObjectDisposedException)
            {
                return;
            }

            if (descriptor < 0)
            {
                if (LinuxSockets.LastError is LinuxSockets.TooManyOpen or LinuxSockets.TooManyOpenInSystem)
                {
                    // The pending connection stays readable: do not spin on it until a descriptor is free.
                    Thread.Sleep(1);
                }

                return;
            }

            var target = _targets[_nextTarget++ % _targets.Length];
            _accepted!(new EpollConnection(target, descriptor, remote));
        }
    }
}
