package content

import "image"

const (
	// A picture is judged in this many points along its longer side; smaller ones are not judged.
	judged = 480
	least  = 64
	// sharp is the variance of the Laplacian from which a picture counts as sharp, of grays from 0 to 255. Pages with
	// print have some hundreds and more, blurred ones of the same some tens and less.
	sharp = 40
)

// isBlurred says whether a picture has no sharp edges: it may be out of focus, shaken, or show nothing. The variance of
// its Laplacian is a rule of thumb, so that it is a reason to have a look and none to refuse.
func isBlurred(picture image.Image) bool {
	gray, width, height := shrink(picture)
	if width < least || height < least {
		return false
	}
	var sum, squares float64
	for y := 1; y < height-1; y++ {
		for x := 1; x < width-1; x++ {
			at := y*width + x
			edge := 4*gray[at] - gray[at-1] - gray[at+1] - gray[at-width] - gray[at+width]
			sum += edge
			squares += edge * edge
		}
	}
	count := float64((width - 2) * (height - 2))
	mean := sum / count
	return squares/count-mean*mean < sharp
}

// shrink makes grays of a picture, each point the mean of those that it stands for.
func shrink(picture image.Image) (gray []float64, width, height int) {
	bounds := picture.Bounds()
	step := max(1, (max(bounds.Dx(), bounds.Dy())+judged-1)/judged)
	width, height = bounds.Dx()/step, bounds.Dy()/step
	gray = make([]float64, width*height)
	luma := lumaOf(picture)
	for y := range height {
		for x := range width {
			var sum float64
			for dy := range step {
				for dx := range step {
					sum += luma(bounds.Min.X+x*step+dx, bounds.Min.Y+y*step+dy)
				}
			}
			gray[y*width+x] = sum / float64(step*step)
		}
	}
	return gray, width, height
}

// lumaOf reads how light a point is; of photos, which have that beside the colours, quickly.
func lumaOf(picture image.Image) func(x, y int) float64 {
	switch p := picture.(type) {
	case *image.YCbCr:
		return func(x, y int) float64 { return float64(p.Y[p.YOffset(x, y)]) }
	case *image.Gray:
		return func(x, y int) float64 { return float64(p.Pix[p.PixOffset(x, y)]) }
	}
	return func(x, y int) float64 {
		r, g, b, _ := picture.At(x, y).RGBA()
		return (0.299*float64(r) + 0.587*float64(g) + 0.114*float64(b)) / 257
	}
}
