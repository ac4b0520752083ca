# The demo's pictures, drawn in its output folder from what digits_report.py left there.
unset key
set encoding utf8

# Mosaics: ink on paper, a number under each tile; -4 stands for no paper.
set palette defined (-4 "white", -0.5 "white", 0 "#f4f1ea", 16 "#1b2a49")
set cbrange [-4:16]
unset colorbox
unset border
unset tics
set yrange [*:*] reverse
set size ratio -1

set terminal pngcairo size 1500,1010 font "Sans,13" background "white"
set output "digits-ordered.png"
set title "128 held-out handwritten digits, from the likeliest (top left) to the least likely (bottom right)\nunder a model of 1500 others.  Below each: its estimated log-density in nat, standard error at most 0.5" font "Sans,16"
set lmargin 1
set rmargin 1
set bmargin 1
plot "ordered.matrix" matrix with image, "ordered.captions" using 1:2:3 with labels font "Sans,11" textcolor "#333333"

set terminal pngcairo size 1400,700 font "Sans,13" background "white"
set output "digits-corrupted.png"
set title "A held-out digit of each class and three corrupted copies of it: estimated log-density in nat ± standard error" font "Sans,16"
set lmargin 14
set label 1 "as it is" at graph -0.01, first 4.5 right
set label 2 "pixel noise\n(sd 4 of 16)" at graph -0.01, first 16 right
set label 3 "centre blanked" at graph -0.01, first 28.5 right
set label 4 "pixels shuffled" at graph -0.01, first 40.5 right
plot "corrupted.matrix" matrix with image, "corrupted.captions" using 1:2:3 with labels font "Sans,10" textcolor "#333333"
unset label

# Accuracy: estimate against exact, what is left of it, and how that compares with the error bars.
set terminal pngcairo size 1500,620 font "Sans,12" background "white"
set output "digits-accuracy.png"
set border 3
set tics nomirror
set grid lc "#dddddd" lt 1
set lmargin
set rmargin
set bmargin
set yrange [*:*] noreverse
set size noratio
set multiplot layout 1,3 title "Log-densities by the density formula against the exact values: 128 held-out digits and 3 x 128 corrupted copies" font "Sans,16"
set key top left Left reverse
set xtics 100
set title "Estimate against exact"
set xlabel "exact log-density [nat]"
set ylabel "estimated log-density [nat], 95% interval"
set style line 1 lc "#1b6ca8" pt 7 ps 0.6
set style line 2 lc "#e08e0b" pt 7 ps 0.6
set style line 3 lc "#2e8b57" pt 7 ps 0.6
set style line 4 lc "#b03060" pt 7 ps 0.6
set bars 0
names = "held-out noise blank shuffle"
titles = "'held-out digits' '+ pixel noise' '+ blank centre' '+ shuffled pixels'"
plot x lc "#888888" lw 1 title "estimate = exact", \
     for [i=1:4] word(names, i).".accuracy" using 1:2:3:4 with yerrorbars ls i title word(titles, i)
set title "Their difference"
set ylabel "estimate - exact [nat], 95% interval"
set yrange [-2.5:2.5]
unset key
plot 0 lc "#888888" lw 1, \
     for [i=1:4] word(names, i).".accuracy" using 1:($2-$1):($3-$1):($4-$1) with yerrorbars ls i lw 0.6
set title "Difference in standard errors"
set xlabel "z = (estimate - exact) / standard error"
set ylabel "points of 512"
set yrange [0:*]
set xrange [-5:5]
set xtics 1
set key top right
set samples 400
set style fill solid 0.5 noborder
plot "z.histogram" using 1:2 with boxes lc "#1b6ca8" title "points", \
     512 * 0.5 * exp(-0.5 * x * x) / sqrt(2 * pi) lc "#b03060" lw 2 title "N(0, 1)"
unset multiplot
